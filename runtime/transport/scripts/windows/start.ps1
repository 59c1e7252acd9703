# What is asked for gets its files, and a runner that outlives this question.
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
