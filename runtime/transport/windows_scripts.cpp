#include "runtime/transport/windows_scripts.hpp"

namespace pvsplan::transport {

// The count comes first: of input that did not arrive whole nothing is run.
std::string_view windows_loader_script() {
    return R"ps($ProgressPreference = 'SilentlyContinue'
$count, $text = [Console]::In.ReadToEnd().Trim().Split(' ')
if ($text.Length -ne [int] $count) { exit 99 }
. ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))))
)ps";
}

// NOLINTNEXTLINE(readability-function-size): one script
std::string_view windows_runner_script() {
    return R"ps(param([int] $generation, [string] $pipeName, [int] $limit = 0)
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
        if ($file.Length -gt 1MB) { $null = $file.Seek(-1MB, 'End') }
        $bytes = New-Object byte[] ($file.Length - $file.Position)
        $count = $file.Read($bytes, 0, $bytes.Length)
        [IO.File]::WriteAllBytes($to, $bytes)
    } finally { $file.Dispose() }
}
function Limit-Keeper($keeper) {
    if ($keeper.file.Length -le 16MB) { return }
    $keeper.file.Flush()
    $head = "$($keeper.path).head"
    if (-not [IO.File]::Exists($head)) {
        $bytes = New-Object byte[] 1MB
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
)ps";
}

// NOLINTNEXTLINE(readability-function-size): one script
std::string_view windows_ask_script() {
    return R"ps($ErrorActionPreference = 'Stop'
$utf8 = New-Object Text.UTF8Encoding $false, $true

function Send-Reply($reply) {
    $json = $reply | ConvertTo-Json -Compress
    [Console]::Out.WriteLine('pvsplan ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
    exit 0
}

function Read-Bytes($path, $from, $most) {
    if (-not [IO.File]::Exists($path)) { return ,(New-Object byte[] 0) }
    $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        if ($from -eq 'End' -and $file.Length -gt $most) { $null = $file.Seek(-$most, 'End') }
        $bytes = New-Object byte[] ([Math]::Min($most, $file.Length - $file.Position))
        $count = 0
        while ($count -lt $bytes.Length) {
            $more = $file.Read($bytes, $count, $bytes.Length - $count)
            if ($more -le 0) { break }
            $count += $more
        }
        if ($count -lt $bytes.Length) { [Array]::Resize([ref] $bytes, $count) }
        return ,$bytes
    } finally { $file.Dispose() }
}
# UTF-8 if it is, else the code page of the console's programs.
function ConvertTo-Words($bytes) {
    try { return $utf8.GetString($bytes) } catch {
        $page = [Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage
        return [Text.Encoding]::GetEncoding($page).GetString($bytes)
    }
}
function Read-Output($name, $most) { ConvertTo-Words (Read-Bytes (Join-Path $dir $name) 'End' $most) }
function Get-Size($path) { if ([IO.File]::Exists($path)) { (New-Object IO.FileInfo $path).Length } else { 0 } }

# Head and tail of an output, and how many bytes are between them. The cut goes through no line.
function Read-Recorded($name) {
    $path = Join-Path $dir $name
    $gone = [long] 0
    if ([IO.File]::Exists("$path.gone")) { $gone = [long] [IO.File]::ReadAllText("$path.gone") }
    $size = Get-Size $path
    if ($gone -eq 0 -and $size -le $ask.most) { return @{ head = (ConvertTo-Words (Read-Bytes $path 'Begin' $ask.most)); tail = ''; between = 0 } }
    $head = Read-Bytes $(if ($gone) { "$path.head" } else { $path }) 'Begin' $ask.ends
    $tail = Read-Bytes $path 'End' $ask.ends
    if ($gone -and $tail.Length -lt $ask.ends) { $tail = [byte[]] ((Read-Bytes "$path.tail" 'End' ($ask.ends - $tail.Length)) + $tail) }
    $between = [Math]::Max(0, $gone + $size - $head.Length - $tail.Length)
    return @{ head = (ConvertTo-Words $head); tail = (ConvertTo-Words $tail); between = $between }
}

function Send-End($status) {
    $out = Read-Recorded 'out'
    $err = Read-Recorded 'err'
    if ([IO.File]::Exists((Join-Path $dir 'failed'))) { $err.tail += [IO.File]::ReadAllText((Join-Path $dir 'failed')) }
    Send-Reply @{ is = 'ended'; status = $status; out = $out.head; out_tail = $out.tail; out_between = $out.between
        err = $err.head; err_tail = $err.tail; err_between = $err.between }
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

function Test-Mine($line) {
    $run, $token, $rest = $line.Split(' ')
    return $run -ceq $ask.claim_run -and [long] $token -le [long] $ask.claim_token
}
# Whoever claims first keeps it: a move onto a file that is there fails.
function Set-Claim {
    if (-not $ask.claim) { return '' }
    $file = $claims + $ask.claim_name
    $mine = "$file.$PID"
    for ($try = 0; $try -lt 3; $try++) {
        $found = $null
        if ([IO.File]::Exists($file)) { $found = [IO.File]::ReadAllText($file).Trim() }
        if ($null -ne $found -and $ask.instead_of -and $found -ceq $ask.instead_of) { Remove-Item -LiteralPath $file -Force; continue }
        if ($null -ne $found -and -not (Test-Mine $found)) { Send-Reply @{ is = 'held'; text = $found; err = $file } }
        if ($found -ceq $ask.claim) { return '' }
        try {
            [IO.File]::WriteAllText($mine, $ask.claim)
            if ($null -ne $found) { Remove-Item -LiteralPath $file -Force }
            [IO.File]::Move($mine, $file)
            return ''
        } catch {
            Remove-Item -LiteralPath $mine -ErrorAction SilentlyContinue
            if ($null -ne $found) { return '' }
            if (-not [IO.File]::Exists($file)) { return [string] $_ }
        }
    }
    return "$file changes hands"
}

# A folder that its maker, administrators and the system alone may use, or where all accounts may leave files of their own.
function New-Folder($path, [switch] $forAll) {
    if ([IO.Directory]::Exists($path)) { return }
    $acl = New-Object Security.AccessControl.DirectorySecurity
    $acl.SetAccessRuleProtection($true, $false)
    $allow = { param($who, $what) $acl.AddAccessRule((New-Object Security.AccessControl.FileSystemAccessRule $who, $what, 'ContainerInherit, ObjectInherit', 'None', 'Allow')) }
    $administrators = New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544'
    $me = [Security.Principal.WindowsIdentity]::GetCurrent()
    if ((New-Object Security.Principal.WindowsPrincipal $me).IsInRole($administrators)) { $acl.SetOwner($administrators) }
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') { & $allow (New-Object Security.Principal.SecurityIdentifier $sid) 'FullControl' }
    if ($forAll) {
        & $allow (New-Object Security.Principal.SecurityIdentifier 'S-1-3-0') 'FullControl'
        & $allow (New-Object Security.Principal.SecurityIdentifier 'S-1-5-11') 'ReadAndExecute, CreateFiles, CreateDirectories'
    } else {
        & $allow $me.User 'FullControl'
    }
    $null = [IO.Directory]::CreateDirectory($path, $acl)
}
function Get-Account { [Security.Principal.WindowsIdentity]::GetCurrent().User.Value }
function Get-Owner($path) { (Get-Acl -LiteralPath $path).GetOwner([Security.Principal.SecurityIdentifier]).Value }
function Test-Trusted($owner) { $owner -in (Get-Account), 'S-1-5-18', 'S-1-5-32-544' }
function Test-Owner($path) {
    $owner = Get-Owner $path
    if (-not (Test-Trusted $owner)) { Send-Reply @{ is = 'refused'; text = "$path belongs to $owner, and what others wrote is not trusted" } }
}

# Jobs of a run with which nothing goes on stay for a day, by both clocks: as settled.hpp says of other hosts.
function Get-Uptime { [long] [Math]::Floor([Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency) }
function Get-Time { [long] [Math]::Floor([DateTime]::UtcNow.Ticks / 1e7) }
function Test-Key($key) { $key -cmatch '^[a-z0-9][a-z0-9-]*$' }
function Get-SettledFolder {
    $folder = Join-Path $base ('.settled.' + (Get-Account))
    New-Folder $folder
    if ([IO.File]::GetAttributes($folder) -band [IO.FileAttributes]::ReparsePoint) { return $null }
    if (Test-Trusted (Get-Owner $folder)) { return $folder }
}
function Set-Settled {
    $ledger = Join-Path $base ('.begun.' + (Get-Account) + ".$($ask.claim_run)")
    if ((Test-Key $ask.claim_run) -and [IO.File]::Exists($ledger)) {
        $keys = @([IO.File]::ReadAllLines($ledger) | Where-Object { (Test-Key $_) -and [IO.Directory]::Exists((Join-Path $base $_)) })
        $folder = Get-SettledFolder
        if ($folder -and $keys.Count -gt 0) { [IO.File]::WriteAllLines((Join-Path $folder $ask.claim_run), [string[]] (@("$(Get-Uptime) $(Get-Time)") + $keys)) }
    }
    [IO.Directory]::GetFiles($base, ".begun.*.$($ask.claim_run)") | Remove-Item -Force -ErrorAction SilentlyContinue
}
function Clear-Settled {
    $folder = Get-SettledFolder
    if (-not $folder -or -not (Test-Key $ask.claim_run)) { return }
    $file = Join-Path $folder $ask.claim_run
    if (-not [IO.File]::Exists($file)) { return }
    $keys = @([IO.File]::ReadAllLines($file) | Where-Object { Test-Key $_ })
    [IO.File]::AppendAllText((Join-Path $base ('.begun.' + (Get-Account) + ".$($ask.claim_run)")), (($keys -join "`n") + "`n"))
    Remove-Item -LiteralPath $file -Force
}
function Remove-Settled {
    $folder = Get-SettledFolder
    if (-not $folder) { return }
    $removed = 0
    foreach ($file in [IO.Directory]::GetFiles($folder)) {
        $since, $keys = [IO.File]::ReadAllLines($file)
        if ($since -notmatch '^(\d+) (\d+)$') { continue }
        $up = Get-Uptime
        if ($up -ge [long] $Matches[1]) { $up -= [long] $Matches[1] }
        if ($up -lt $ask.settled_for -or (Get-Time) - [long] $Matches[2] -lt $ask.settled_for) { continue }
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
        if ($ask.is_over) { Set-Settled }
        $file = $claims + $ask.claim_name
        if ([IO.File]::Exists($file) -and (Test-Mine ([IO.File]::ReadAllText($file).Trim()))) { Remove-Item -LiteralPath $file -Force }
        Send-Reply @{ is = 'claimed'; text = $here }
    }
    if ($ask.ask -eq 'claim') {
        $why = Set-Claim
        Clear-Settled
        Remove-Settled
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
            $out = Read-Recorded 'out'
            $err = Read-Recorded 'err'
            if ([IO.File]::Exists((Join-Path $dir 'failed'))) { $err.tail += [IO.File]::ReadAllText((Join-Path $dir 'failed')) }
            $reply = @{ is = 'ended'; status = [int] (Read-Output 'exit' 100); out = $out.head; out_tail = $out.tail; out_between = $out.between
                err = $err.head; err_tail = $err.tail; err_between = $err.between }
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
        if ([IO.File]::Exists($exit)) { Send-End ([long] [IO.File]::ReadAllText($exit)) }
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
)ps";
}

}  // namespace pvsplan::transport
