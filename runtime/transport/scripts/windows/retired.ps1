# Jobs of a run with which nothing goes on stay for a day, by both clocks: as retired.hpp says of other hosts.
function Get-Uptime { [long] [Math]::Floor([Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency) }
function Get-Time { [long] [Math]::Floor([DateTime]::UtcNow.Ticks / 1e7) }
function Test-Key($key) { $key -cmatch '^[a-z0-9][a-z0-9-]*$' }
function Get-RetiredFolder {
    $folder = Join-Path $base ('.retired.' + (Get-Account))
    New-Folder $folder
    if ([IO.File]::GetAttributes($folder) -band [IO.FileAttributes]::ReparsePoint) { return $null }
    if (Test-Trusted (Get-Owner $folder)) { return $folder }
}
function Set-Retired {
    $ledger = Join-Path $base ('.begun.' + (Get-Account) + ".$($ask.claim_run)")
    if ((Test-Key $ask.claim_run) -and [IO.File]::Exists($ledger)) {
        $keys = @([IO.File]::ReadAllLines($ledger) | Where-Object { (Test-Key $_) -and [IO.Directory]::Exists((Join-Path $base $_)) })
        $folder = Get-RetiredFolder
        if ($folder -and $keys.Count -gt 0) { [IO.File]::WriteAllLines((Join-Path $folder $ask.claim_run), [string[]] (@("$(Get-Uptime) $(Get-Time)") + $keys)) }
    }
    [IO.Directory]::GetFiles($base, ".begun.*.$($ask.claim_run)") | Remove-Item -Force -ErrorAction SilentlyContinue
}
function Clear-Retired {
    $folder = Get-RetiredFolder
    if (-not $folder -or -not (Test-Key $ask.claim_run)) { return }
    $file = Join-Path $folder $ask.claim_run
    if (-not [IO.File]::Exists($file)) { return }
    $keys = @([IO.File]::ReadAllLines($file) | Where-Object { Test-Key $_ })
    [IO.File]::AppendAllText((Join-Path $base ('.begun.' + (Get-Account) + ".$($ask.claim_run)")), (($keys -join "`n") + "`n"))
    Remove-Item -LiteralPath $file -Force
}
function Remove-Retired {
    $folder = Get-RetiredFolder
    if (-not $folder) { return }
    $removed = 0
    foreach ($file in [IO.Directory]::GetFiles($folder)) {
        $since, $keys = [IO.File]::ReadAllLines($file)
        if ($since -notmatch '^(\d+) (\d+)$') { continue }
        $up = Get-Uptime
        if ($up -ge [long] $Matches[1]) { $up -= [long] $Matches[1] }
        if ($up -lt $ask.retired_for -or (Get-Time) - [long] $Matches[2] -lt $ask.retired_for) { continue }
        $left = $false
        foreach ($key in $keys) {
            $dir = Join-Path $base $key
            if (-not (Test-Key $key) -or -not [IO.Directory]::Exists($dir)) { continue }
            $claim = Read-Claim
            if ($claim -and (Test-Alive $claim) -ne $false) { $left = $true; continue }
            if (++$removed -gt 200) { return }
            Remove-Item -LiteralPath $dir -Recurse -Force -ErrorAction SilentlyContinue
        }
        if (-not $left) { Remove-Item -LiteralPath $file -Force }
    }
}

# Of any other run: after two weeks without a change, as on other hosts. A clock that was set forward makes everything
# old: what still runs stays. So does what another account has made, and what leads elsewhere.
function Remove-Old {
    $removed = 0
    $before = [DateTime]::UtcNow.AddDays(-$ask.days_kept)
    foreach ($dir in [IO.Directory]::GetDirectories($base)) {
        if ((Split-Path -Leaf $dir).StartsWith('.') -or [IO.Directory]::GetLastWriteTimeUtc($dir) -gt $before) { continue }
        if ([IO.File]::GetAttributes($dir) -band [IO.FileAttributes]::ReparsePoint) { continue }
        if (-not (Test-Trusted (Get-Owner $dir))) { continue }
        $claim = Read-Claim
        if ($claim -and (Test-Alive $claim) -ne $false) { continue }
        if (++$removed -gt 200) { return }
        Remove-Item -LiteralPath $dir -Recurse -Force -ErrorAction SilentlyContinue
    }
}
