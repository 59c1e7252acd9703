# Installed products, as the uninstall entries tell. Win32_Product is never asked: it makes Windows repair what it lists.
function Get-Product([string] $Pattern) {
    @(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*',
                       'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*' -ErrorAction SilentlyContinue |
        Where-Object { $_.DisplayName -match $Pattern })
}

function Get-SetupVersion([string] $Setup) { [version](Get-Item -LiteralPath $Setup).VersionInfo.ProductVersion }

# A folder for logs of installers, which do not make one.
function Get-LogFile([string] $Name) {
    $logs = Join-Path $env:ProgramData 'pvsplan'
    [void](New-Item -ItemType Directory -Force $logs)
    Join-Path $logs $Name
}

$InstallerSaid = @{
    1602 = 'it was cancelled'
    1603 = 'it failed'
    1618 = 'another installation is still running'
    1638 = 'another version is installed: remove that first'
    1639 = 'it does not understand its command line'
}

# Runs an installer to its end; $true where it asks for a restart, by 3010 or 1641. Every other status that is not 0 or in
# $Fine ends the step with that status. One that waits for another (1618) is tried again for a quarter of an hour.
function Invoke-Installer([string] $Program, [string] $Arguments, [string] $Log, [int[]] $Fine = @()) {
    $env:SEE_MASK_NOZONECHECKS = '1'
    for ($try = 0; ; $try++) {
        $process = Start-Process $Program -ArgumentList $Arguments -Wait -PassThru
        if ($process.ExitCode -ne 1618 -or $try -ge 15) { break }
        Start-Sleep -Seconds 60
    }
    if ($process.ExitCode -in 3010, 1641) { return $true }
    if ($process.ExitCode -eq 0 -or $process.ExitCode -in $Fine) { return $false }
    [Console]::Error.WriteLine("$Program ended with $($process.ExitCode): $($InstallerSaid[$process.ExitCode]); its log is $Log")
    # Windows Installer writes this line behind the action that failed.
    Select-String -LiteralPath $Log -SimpleMatch 'Return value 3' -Context 8, 0 -ErrorAction SilentlyContinue |
        Select-Object -First 1 | ForEach-Object { [Console]::Error.WriteLine($_.Context.PreContext -join "`n") }
    exit $process.ExitCode
}

# An InstallShield bootstrapper around an MSI. One string, so that the quotes inside reach msiexec; no blank behind /v. /qn
# closes what is in the way through the Restart Manager.
function Install-Setup([string] $Setup, [string] $Log) {
    Invoke-Installer $Setup ('/s /v"/qn /norestart REBOOT=ReallySuppress /L*v \"' + $Log + '\""') $Log
}

# Removes what matches; $true where that asks for a restart. What is gone already (1605) is no failure.
function Remove-Product([string] $Pattern) {
    $restart = $false
    foreach ($product in Get-Product $Pattern) {
        if ($product.PSChildName -notlike '{*}') { throw "$($product.DisplayName) was not installed by Windows Installer: remove it by hand" }
        $log = Get-LogFile "remove-$($product.PSChildName).log"
        $asks = Invoke-Installer 'msiexec.exe' "/x $($product.PSChildName) /qn /norestart REBOOT=ReallySuppress /L*v `"$log`"" $log 1605
        $restart = $restart -or $asks
    }
    $restart
}
