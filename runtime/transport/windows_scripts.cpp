#include "runtime/transport/windows_scripts.hpp"

namespace pvsplan::transport {

std::string_view windows_loader_script() {
    return R"ps($ProgressPreference = 'SilentlyContinue'
$count, $text = [Console]::In.ReadToEnd().Trim().Split(' ')
if ($text.Length -ne [int] $count) { exit 99 }
. ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))))
)ps";
}

std::string_view windows_runner_script() {
    return R"ps(param([int] $generation, [string] $pipeName)
$ErrorActionPreference = 'Stop'
$dir = Split-Path -Parent $MyInvocation.MyCommand.Path
Set-Location -LiteralPath $dir
if ($pipeName) {
    $pipe = New-Object IO.Pipes.NamedPipeClientStream '.', $pipeName, 'In'
    $pipe.Connect(20000)
    $reader = New-Object IO.StreamReader $pipe
    $secrets = $reader.ReadToEnd() | ConvertFrom-Json
    $reader.Dispose()
    foreach ($one in $secrets.PSObject.Properties) { [Environment]::SetEnvironmentVariable($one.Name, $one.Value) }
    Remove-Variable secrets
}
$claim = Join-Path $dir "claim.$PID"
$start = (Get-Process -Id $PID).StartTime.ToUniversalTime().Ticks
[IO.File]::WriteAllText($claim, "$PID $start")
try { [IO.File]::Move($claim, (Join-Path $dir "begun.$generation")) } catch { Remove-Item -LiteralPath $claim; exit 1 }
$env:PVSPLAN_JOB = $dir
$spec = [IO.File]::ReadAllText((Join-Path $dir 'spec.json')) | ConvertFrom-Json
[IO.File]::WriteAllText((Join-Path $dir 'in'), '')
try {
    $with = @{ FilePath = $spec.file; WorkingDirectory = $dir; NoNewWindow = $true; PassThru = $true }
    $with.RedirectStandardInput = Join-Path $dir 'in'
    $with.RedirectStandardOutput = Join-Path $dir 'out'
    $with.RedirectStandardError = Join-Path $dir 'err'
    if ($spec.arguments) { $with.ArgumentList = $spec.arguments }
    $process = Start-Process @with
    $null = $process.Handle
    $process.WaitForExit()
    $status = $process.ExitCode
} catch {
    [IO.File]::WriteAllText((Join-Path $dir 'err'), [string] $_)
    $status = 127
}
for ($try = 0; $try -lt 720; $try++) {
    try {
        [IO.File]::WriteAllText((Join-Path $dir 'exit.part'), [string] $status)
        [IO.File]::Move((Join-Path $dir 'exit.part'), (Join-Path $dir 'exit'))
        break
    } catch { Start-Sleep -Seconds 5 }
}
)ps";
}

std::string_view windows_ask_script() {
    return R"ps($ErrorActionPreference = 'Stop'
$utf8 = New-Object Text.UTF8Encoding $false, $true

function Send-Reply($reply) {
    $json = $reply | ConvertTo-Json -Compress
    [Console]::Out.WriteLine('pvsplan ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
    exit 0
}

# UTF-8 if it is, else the code page of the console's programs.
function Read-Output($name, $most, [switch] $fromEnd) {
    $path = Join-Path $dir $name
    if (-not [IO.File]::Exists($path)) { return '' }
    $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite')
    try {
        if ($fromEnd -and $file.Length -gt $most) { $null = $file.Seek(-$most, 'End') }
        $bytes = New-Object byte[] ([Math]::Min($most, $file.Length - $file.Position))
        $count = 0
        while ($count -lt $bytes.Length) {
            $more = $file.Read($bytes, $count, $bytes.Length - $count)
            if ($more -le 0) { break }
            $count += $more
        }
    } finally { $file.Dispose() }
    try { return $utf8.GetString($bytes, 0, $count) } catch {
        $page = [Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage
        return [Text.Encoding]::GetEncoding($page).GetString($bytes, 0, $count)
    }
}

function Send-End($status) {
    Send-Reply @{ is = 'ended'; status = $status; out = (Read-Output 'out' $ask.most); err = (Read-Output 'err' $ask.most) }
}

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

function Test-Alive($claim) {
    $number, $start = $claim.Split(' ')
    $process = Get-Process -Id ([int] $number) -ErrorAction SilentlyContinue
    return $process -and [string] $process.StartTime.ToUniversalTime().Ticks -eq $start
}

function Write-Job {
    if ($ask.script) { [IO.File]::WriteAllText((Join-Path $dir 'script.ps1'), $ask.script) }
    [IO.File]::WriteAllText((Join-Path $dir 'runner.ps1'), $ask.runner)
    [IO.File]::WriteAllText((Join-Path $dir 'spec.json'), (@{ file = $ask.file; arguments = $ask.arguments } | ConvertTo-Json))
}

function Start-Runner {
    $pipe = $null
    $name = ''
    if ($ask.secrets) {
        $name = 'pvsplan-' + [Guid]::NewGuid().ToString('N')
        $pipe = New-Object IO.Pipes.NamedPipeServerStream $name, 'Out', 1, 'Byte', 'Asynchronous'
    }
    $runner = Join-Path $dir 'runner.ps1'
    $line = 'powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{0}" {1} {2}' -f $runner, $script:generation, $name
    $made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{ CommandLine = $line; CurrentDirectory = $dir }
    if ($made.ReturnValue -ne 0) { Send-Reply @{ is = 'refused'; text = "Win32_Process.Create answers $($made.ReturnValue)" } }
    if ($pipe) {
        $wait = $pipe.BeginWaitForConnection($null, $null)
        if (-not $wait.AsyncWaitHandle.WaitOne(30000)) { Send-Reply @{ is = 'refused'; text = 'the job did not ask for its secrets' } }
        $pipe.EndWaitForConnection($wait)
        $bytes = [Text.Encoding]::UTF8.GetBytes($ask.secrets)
        $pipe.Write($bytes, 0, $bytes.Length)
        $pipe.WaitForPipeDrain()
        $pipe.Dispose()
    }
    return $made.ProcessId
}

try {
    $base = $ask.jobs
    if (-not $base) { $base = Join-Path $env:USERPROFILE '.pvsplan\jobs' }
    $null = [IO.Directory]::CreateDirectory($base)
    foreach ($old in $ask.old) { Remove-Item -LiteralPath (Join-Path $base $old) -Recurse -Force -ErrorAction SilentlyContinue }
    $dir = Join-Path $base $ask.key

    if ($ask.ask -eq 'observe') {
        $dir = "$dir.observe.$PID"
        $null = [IO.Directory]::CreateDirectory($dir)
        try {
            $ask.secrets | Where-Object { $_ } | ConvertFrom-Json | ForEach-Object {
                foreach ($one in $_.PSObject.Properties) { [Environment]::SetEnvironmentVariable($one.Name, $one.Value) }
            }
            Write-Job
            & (Join-Path $dir 'runner.ps1') 0 ''
            $reply = @{ is = 'ended'; status = [int] (Read-Output 'exit' 100); out = (Read-Output 'out' $ask.most); err = (Read-Output 'err' $ask.most) }
        } finally { Remove-Item -LiteralPath $dir -Recurse -Force -ErrorAction SilentlyContinue }
        Send-Reply $reply
    }

    $null = [IO.Directory]::CreateDirectory($dir)
    $claim = Read-Claim
    $launched = $null
    if (-not $claim -and $ask.ask -eq 'start') {
        Write-Job
        $launched = Start-Runner
    } elseif (-not $claim) {
        if (Set-VoidClaim) { Send-Reply @{ is = 'unknown' } }
    }
    $until = [DateTime]::UtcNow.AddMilliseconds($ask.wait)
    while ($true) {
        $exit = Join-Path $dir 'exit'
        if ([IO.File]::Exists($exit)) { Send-End ([long] [IO.File]::ReadAllText($exit)) }
        $claim = Read-Claim
        if ($claim) {
            $launched = $null
            if (-not (Test-Alive $claim) -and -not [IO.File]::Exists($exit)) { Send-Reply @{ is = 'gone' } }
        } elseif ($launched -and -not (Get-Process -Id $launched -ErrorAction SilentlyContinue)) {
            if (-not (Read-Claim)) { Send-Reply @{ is = 'refused'; text = "the job could not be recorded in $dir" } }
        }
        if (-not $launched -and [DateTime]::UtcNow -gt $until) { Send-Reply @{ is = 'running'; text = (Read-Output 'out' 2000 -fromEnd) } }
        Start-Sleep -Milliseconds 100
    }
} catch {
    Send-Reply @{ is = 'refused'; text = [string] $_ }
}
)ps";
}

}  // namespace pvsplan::transport
