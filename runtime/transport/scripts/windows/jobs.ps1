# A job is known by its claim, as job_folder.hpp says of other hosts.
function Read-Claim {
    $script:generation = 0
    while ($true) {
        $path = Join-Path $dir "begun.$script:generation"
        if (-not [IO.File]::Exists($path)) { return $null }
        $text = [IO.File]::ReadAllText($path).Trim()
        if ($text -ne 'void') { return $text }
        $script:generation++
    }
}

function Set-VoidClaim {
    $mine = Join-Path $dir "void.$PID"
    [IO.File]::WriteAllText($mine, 'void')
    try { [IO.File]::Move($mine, (Join-Path $dir "begun.$script:generation")); return $true } catch {
        Remove-Item -LiteralPath $mine
        return $false
    }
}

# $null: it is or was a process of another machine, and nothing can be seen of it from here.
function Test-Alive($claim) {
    $number, $start, $of = $claim.Split(' ')
    if ($of -and $machine -and $of -ne $machine) { return $null }
    $process = Get-Process -Id ([int] $number) -ErrorAction SilentlyContinue
    return [bool] ($process -and [string] $process.StartTime.ToUniversalTime().Ticks -eq $start)
}

# The process of a claim and all that it started, while they can be told by who started whom.
function Get-Tree($number) {
    $all = @(Get-CimInstance Win32_Process)
    $tree = @($number)
    for ($i = 0; $i -lt $tree.Count; $i++) { $tree += @($all | Where-Object { $_.ParentProcessId -eq $tree[$i] -and $tree -notcontains $_.ProcessId } | ForEach-Object { $_.ProcessId }) }
    return $tree
}
function Stop-Job($claim) {
    $number = [int] $claim.Split(' ')[0]
    $until = [DateTime]::UtcNow.AddSeconds(20)
    $tree = @(Get-Tree $number)
    # Whoever starts others goes first.
    while ($true) {
        foreach ($one in $tree) { Stop-Process -Id $one -Force -ErrorAction SilentlyContinue }
        $left = @($tree | Where-Object { Get-Process -Id $_ -ErrorAction SilentlyContinue })
        if ($left.Count -eq 0) { Send-Reply @{ is = 'killed' } }
        if ([DateTime]::UtcNow -gt $until) { Send-Reply @{ is = 'unsure'; text = "its processes cannot be ended: $($left -join ' ')" } }
        Start-Sleep -Milliseconds 200
    }
}

# What was begun, and has no folder any more; or a folder that may be another one than it was begun in.
function Test-Absence {
    if ($ask.place -and $ask.place.Split(' ')[0] -ne $here.Split(' ')[0]) { Send-Reply @{ is = 'elsewhere'; text = $here } }
    foreach ($ledger in [IO.Directory]::GetFiles($base, '.begun.*')) {
        if (@([IO.File]::ReadAllLines($ledger)) -ccontains $ask.key) {
            Send-Reply @{ is = 'unsure'; text = "its job was begun, and its folder $dir is gone: nobody knows whether it runs" }
        }
    }
}
