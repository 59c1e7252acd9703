# What a Windows host is asked over WS-Management or ssh, and answers with one line "pvsplan BASE64-OF-JSON". In front of
# this windows_job.cpp puts $ask, the question.
$ErrorActionPreference = 'Stop'
. ./output.ps1
. ./reply.ps1
. ./jobs.ps1
. ./claims.ps1
. ./folders.ps1
. ./retired.ps1
. ./start.ps1

try {
    $machine = (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Cryptography' -ErrorAction SilentlyContinue).MachineGuid
    $base = $ask.jobs
    $claims = "$base\.claim-"
    if (-not $base) {
        $shared = Join-Path $env:ProgramData 'pvsplan'
        $base = Join-Path $shared 'jobs'
        $claims = Join-Path $shared 'claims\'
        New-Folder $shared -forAll
        New-Folder $claims -forAll
        New-Folder $base -forAll
        Test-Owner $base
    }
    $null = [IO.Directory]::CreateDirectory($base)
    $word = Join-Path $base '.place'
    if (-not [IO.File]::Exists($word)) {
        [IO.File]::WriteAllText("$word.$PID", [Guid]::NewGuid().ToString())
        try { [IO.File]::Move("$word.$PID", $word) } catch { Remove-Item -LiteralPath "$word.$PID" }
    }
    $here = '{0} uid={1} machine={2} folder={3}' -f [IO.File]::ReadAllText($word).Trim(), [Security.Principal.WindowsIdentity]::GetCurrent().User.Value, $machine, $base
    foreach ($old in $ask.old) { Remove-Item -LiteralPath (Join-Path $base $old) -Recurse -Force -ErrorAction SilentlyContinue }
    if ($ask.ask -eq 'release') {
        if ($ask.is_over) { Set-Retired }
        $file = $claims + $ask.claim_name
        if ([IO.File]::Exists($file) -and (Test-Mine ([IO.File]::ReadAllText($file).Trim()))) { Remove-Item -LiteralPath $file -Force }
        Send-Reply @{ is = 'claimed'; text = $here }
    }
    if ($ask.ask -eq 'claim') {
        $why = Set-Claim
        Clear-Retired
        Remove-Retired
        try { Remove-Old } catch { }
        Send-Reply @{ is = 'claimed'; text = $here; err = $why }
    }
    $dir = Join-Path $base $ask.key

    if ($ask.ask -eq 'observe') {
        $dir = "$dir.observe.$PID"
        $null = [IO.Directory]::CreateDirectory($dir)
        try {
            $ask.secrets | Where-Object { $_ } | ConvertFrom-Json | ForEach-Object {
                foreach ($one in $_.PSObject.Properties) { [Environment]::SetEnvironmentVariable($one.Name, $one.Value) }
            }
            Write-Job
            & (Join-Path $dir 'runner.ps1') 0 '' $ask.limit
            $reply = Get-End ([int] (Read-Output 'exit' 100))
        } finally { Remove-Item -LiteralPath $dir -Recurse -Force -ErrorAction SilentlyContinue }
        Send-Reply $reply
    }

    if (-not [IO.Directory]::Exists($dir) -and ($ask.ask -ne 'start' -or $ask.again)) { Test-Absence }
    New-Folder $dir
    Test-Owner $dir
    $claim = Read-Claim
    $launched = $null
    if (-not $claim -and $ask.ask -eq 'start') {
        if ($script:generation -gt 0) { throw 'somebody had asked for it before it began, and from then on nobody may begin it' }
        $null = Set-Claim
        Write-Job
        $launched = Start-Runner
    } elseif (-not $claim) {
        if (Set-VoidClaim) { Send-Reply @{ is = 'unknown' } }
    }
    $until = [DateTime]::UtcNow.AddMilliseconds($ask.wait)
    while ($true) {
        $exit = Join-Path $dir 'exit'
        if ([IO.File]::Exists($exit)) { Send-Reply (Get-End ([long] [IO.File]::ReadAllText($exit))) }
        $claim = Read-Claim
        if ($claim) {
            $launched = $null
            $alive = Test-Alive $claim
            if ($null -eq $alive) { Send-Reply @{ is = 'unsure'; text = 'it was begun on another machine: whether it runs cannot be seen here' } }
            if (-not $alive -and -not [IO.File]::Exists($exit)) { Send-Reply @{ is = 'gone' } }
            if ($alive -and $ask.ask -eq 'kill') { Stop-Job $claim }
            if ($alive -and $ask.ask -eq 'look') { Send-Reply @{ is = 'running'; text = '' } }
        } elseif (-not [IO.Directory]::Exists($dir)) {
            Send-Reply @{ is = 'unsure'; text = "its folder $dir is gone: nobody knows whether it runs" }
        } elseif ($launched -and -not (Get-Process -Id $launched -ErrorAction SilentlyContinue)) {
            if (-not (Read-Claim)) { Send-Reply @{ is = 'refused'; text = "the job could not be recorded in $dir" } }
        }
        if (-not $launched -and [DateTime]::UtcNow -gt $until) { Send-Reply @{ is = 'running'; text = (Read-Output 'out' 2000) } }
        Start-Sleep -Milliseconds 100
    }
} catch {
    Send-Reply @{ is = 'refused'; text = [string] $_ }
}
