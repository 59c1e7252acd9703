# Files and values of the registry that are changed and can be put back: what was there before is kept beside the marks.
$Kept = 'HKLM:\SOFTWARE\pvsplan\Before'
function Get-KeptName([string] $Key, [string] $Name) { "$Key\$Name".ToLowerInvariant() }

function Set-Value([string] $Key, [string] $Name, $Value, [string] $Type) {
    $before = (Get-ItemProperty -LiteralPath $Key -Name $Name -ErrorAction SilentlyContinue).$Name
    if (-not (Test-Path $Kept)) { [void](New-Item $Kept -Force) }
    $as = Get-KeptName $Key $Name
    # Where this runs a second time the value is there already, and what was before it is kept.
    if ("$before" -ne "$Value" -or $null -eq (Get-ItemProperty $Kept).$as) {
        Set-ItemProperty -LiteralPath $Kept -Name $as -Value $(if ($null -eq $before) { '-' } else { "+$before" })
    }
    if (-not (Test-Path -LiteralPath $Key)) { [void](New-Item $Key -Force) }
    Set-ItemProperty -LiteralPath $Key -Name $Name -Value $Value -Type $Type
}

function Restore-Value([string] $Key, [string] $Name, [string] $Type) {
    $as = Get-KeptName $Key $Name
    $before = (Get-ItemProperty $Kept -ErrorAction SilentlyContinue).$as
    if ($null -eq $before) { return }
    if ($before -eq '-') { Remove-ItemProperty -LiteralPath $Key -Name $Name -ErrorAction SilentlyContinue }
    else { Set-ItemProperty -LiteralPath $Key -Name $Name -Value $before.Substring(1) -Type $Type }
    Remove-ItemProperty -LiteralPath $Kept -Name $as
}
