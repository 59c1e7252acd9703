# What every Windows host has: marks that this tool leaves, services, programs that run, restarts.

# Marks in the registry of a host, for what no other place there tells.
$Marks = 'HKLM:\SOFTWARE\pvsplan'
function Get-Mark([string] $Name) { (Get-ItemProperty $Marks -ErrorAction SilentlyContinue).$Name }
function Set-Mark([string] $Name, [string] $Value) {
    # Without -Force, which would empty a key that is there.
    if (-not (Test-Path $Marks)) { [void](New-Item $Marks) }
    Set-ItemProperty $Marks $Name $Value
}
function Remove-Mark([string] $Name) { Remove-ItemProperty $Marks $Name -ErrorAction SilentlyContinue }

# Services by their short names. A service that the host does not have is passed over.
function Get-KnownService([string[]] $Names) { @($Names | ForEach-Object { Get-Service $_ -ErrorAction SilentlyContinue }) }

# `Stop-Service` may return while a service is still stopping: the state is what counts.
function Stop-KnownService([string[]] $Names) {
    foreach ($service in Get-KnownService $Names) {
        if ($service.Status -eq 'Stopped') { continue }
        Stop-Service $service.Name -Force
        $service.WaitForStatus('Stopped', [TimeSpan]::FromMinutes(4))
    }
}

function Start-KnownService([string[]] $Names) {
    foreach ($service in Get-KnownService $Names) {
        if ($service.StartType -eq 'Disabled') { continue }
        Start-Service $service.Name
        $service.WaitForStatus('Running', [TimeSpan]::FromMinutes(4))
    }
}

# Programs by the name of their file and what their command line holds, in every session of the host.
function Get-Program([string] $Name, [string] $Matching) {
    @(Get-CimInstance Win32_Process | Where-Object { $_.Name -eq $Name -and $_.CommandLine -match $Matching })
}

function Stop-Program([string] $Name, [string] $Matching) {
    foreach ($program in Get-Program $Name $Matching) { Stop-Process -Id $program.ProcessId -Force }
}

# What stands in the way of an installer, and restarts.
function Test-PendingRestart {
    $keys = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending',
            'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
    $renames = (Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager').PendingFileRenameOperations
    [bool](@($keys | Where-Object { Test-Path $_ }) -or $renames)
}

# What is wrong with a host before an installer runs on it: texts, none where all is well.
function Get-HostFault([int] $Gigabytes) {
    # The installers stop at a pending restart, or ask about it where nobody sees the question.
    if (Test-PendingRestart) { 'a restart of this host is pending' }
    $disk = Get-CimInstance Win32_LogicalDisk -Filter "DeviceID = '$env:SystemDrive'"
    if ($disk.FreeSpace -lt $Gigabytes * 1073741824) { "less than $Gigabytes GB are free on $env:SystemDrive" }
}

# Tells what is wrong on standard error and ends the step; says the good word where nothing is.
function Write-Verdict([string[]] $Faults, [string] $GoodWord) {
    if ($Faults) { [Console]::Error.WriteLine($Faults -join "`n"); exit 1 }
    $GoodWord
}

function Get-Moment { [string](Get-Date).ToFileTimeUtc() }

function Test-RestartedSince([string] $Moment) {
    (Get-CimInstance Win32_OperatingSystem).LastBootUpTime.ToFileTimeUtc() -gt [long]$Moment
}

# In a quarter of a minute, so that a script can say how it ended before.
function Request-Restart { shutdown.exe /r /t 15 /d p:4:2 }

# Ends the script, too: whoever needs to go on starts it again, and finds a host that was restarted.
function Restart-ThisHost {
    Request-Restart
    Start-Sleep -Seconds 600
    exit 1
}

# 4.2.0 is 4.2.
function Get-PlainVersion([string] $Version) { $Version -replace '(\.0+)+$' }
