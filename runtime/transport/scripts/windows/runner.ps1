# Claims the job in the folder of this script and runs it; an observation, which has a limit, is in no ledger.
param([int] $generation, [string] $pipeName, [int] $limit = 0)
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
$machine = (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Cryptography' -ErrorAction SilentlyContinue).MachineGuid
if ($limit -eq 0) {
    $key = Split-Path -Leaf $dir
    $run = $key -replace '-[^-]*-[^-]*$', ''
    $ledger = '.begun.' + [Security.Principal.WindowsIdentity]::GetCurrent().User.Value + ".$run"
    [IO.File]::AppendAllText((Join-Path (Split-Path -Parent $dir) $ledger), "$key`n")
}
[IO.File]::WriteAllText($claim, "$PID $start $machine")
try { [IO.File]::Move($claim, (Join-Path $dir "begun.$generation")) } catch { Remove-Item -LiteralPath $claim; exit 1 }
$env:PVSPLAN_JOB = $dir
$spec = [IO.File]::ReadAllText((Join-Path $dir 'spec.json')) | ConvertFrom-Json

# What is printed is kept whole up to a bound, beyond it the first and the last part, and how much was between them.
function New-Keeper($name, $stream) {
    $file = [IO.File]::Open((Join-Path $dir $name), 'Append', 'Write', 'ReadWrite, Delete')
    $keeper = @{ path = (Join-Path $dir $name); from = $stream; file = $file; buffer = (New-Object byte[] 65536); task = $null; gone = [long] 0 }
    $keeper.task = $stream.ReadAsync($keeper.buffer, 0, 65536)
    return $keeper
}
function Copy-End($from, $to) {
    $file = [IO.File]::Open($from, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        if ($file.Length -gt 1mb) { $null = $file.Seek(-1mb, 'End') }
        $bytes = New-Object byte[] ($file.Length - $file.Position)
        $count = $file.Read($bytes, 0, $bytes.Length)
        [IO.File]::WriteAllBytes($to, $bytes)
    } finally { $file.Dispose() }
}
function Limit-Keeper($keeper) {
    if ($keeper.file.Length -le 16mb) { return }
    $keeper.file.Flush()
    $head = "$($keeper.path).head"
    if (-not [IO.File]::Exists($head)) {
        $bytes = New-Object byte[] 1mb
        $file = [IO.File]::Open($keeper.path, 'Open', 'Read', 'ReadWrite, Delete')
        try { $null = $file.Read($bytes, 0, $bytes.Length) } finally { $file.Dispose() }
        [IO.File]::WriteAllBytes($head, $bytes)
    }
    Copy-End $keeper.path "$($keeper.path).tail"
    $keeper.gone += $keeper.file.Length
    [IO.File]::WriteAllText("$($keeper.path).gone", [string] $keeper.gone)
    $keeper.file.SetLength(0)
}
# Until both have been read to their end, or what is read last came $idle ms ago.
function Read-Streams($keepers, $until) {
    while ($true) {
        $open = @($keepers | Where-Object { $_.task })
        if ($open.Count -eq 0) { return }
        $which = [Threading.Tasks.Task]::WaitAny([Threading.Tasks.Task[]] @($open | ForEach-Object { $_.task }), 100)
        if ($which -lt 0) {
            if (& $until) { return }
            continue
        }
        $one = $open[$which]
        $count = 0
        try { $count = $one.task.Result } catch { }
        if ($count -le 0) { $one.task = $null; $one.file.Dispose(); continue }
        try { $one.file.Write($one.buffer, 0, $count); $one.file.Flush(); Limit-Keeper $one } catch { }
        $one.task = $one.from.ReadAsync($one.buffer, 0, 65536)
    }
}
function Stop-Tree($number) {
    foreach ($child in @(Get-CimInstance Win32_Process -Filter "ParentProcessId = $number")) { Stop-Tree $child.ProcessId }
    Stop-Process -Id $number -Force -ErrorAction SilentlyContinue
}

$keepers = @()
try {
    $info = New-Object Diagnostics.ProcessStartInfo
    $known = Get-Command -Name $spec.file -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    $info.FileName = if ($known) { $known.Path } else { $spec.file }
    if ($spec.arguments) { $info.Arguments = $spec.arguments }
    $info.WorkingDirectory = $dir
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $true
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($info)
    $process.StandardInput.Close()
    $keepers = @((New-Keeper 'out' $process.StandardOutput.BaseStream), (New-Keeper 'err' $process.StandardError.BaseStream))
    $deadline = if ($limit -gt 0) { [DateTime]::UtcNow.AddSeconds($limit) } else { [DateTime]::MaxValue }
    Read-Streams $keepers { $process.HasExited -or [DateTime]::UtcNow -gt $deadline }
    if (-not $process.WaitForExit([int] [Math]::Min([int]::MaxValue, [Math]::Max(0, ($deadline - [DateTime]::UtcNow).TotalMilliseconds)))) {
        Stop-Tree $process.Id
        throw "it has not answered within $limit s"
    }
    $status = $process.ExitCode
} catch {
    [IO.File]::AppendAllText((Join-Path $dir 'failed'), [string] $_)
    $status = 127
}
for ($try = 0; $try -lt 720; $try++) {
    try {
        [IO.File]::WriteAllText((Join-Path $dir 'exit.part'), [string] $status)
        [IO.File]::Move((Join-Path $dir 'exit.part'), (Join-Path $dir 'exit'))
        break
    } catch { Start-Sleep -Seconds 5 }
}
# What the job left behind may print on.
if ($limit -eq 0) { Read-Streams $keepers { $false } }
foreach ($one in $keepers) { $one.file.Dispose() }
