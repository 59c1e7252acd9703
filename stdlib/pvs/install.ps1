# Installs one of the products and leaves the mark of its version; $true where the host has to be restarted. Exit codes are not
# enough: a prerequisite that wants a restart ends the installer before the product itself is installed.
function Install-Product([string] $Setup, [string] $Version, [string] $Pattern, [string] $Mark) {
    # The Restart Manager does not reach into the sessions of others, so a console that is open is closed here.
    Stop-Program 'mmc.exe' $ConsoleProgram
    $restart = Install-Setup $Setup (Get-LogFile ('{0}-{1}.log' -f (Split-Path $Setup -Leaf), $Version))
    $installed = Get-Product $Pattern | Select-Object -First 1
    $wanted = Get-SetupVersion $Setup
    if (-not $installed -or [version]$installed.DisplayVersion -lt $wanted) {
        if ($restart -and (Get-Mark 'RestartedFor') -ne $Setup) {
            # Once, and as a failure: the next try of this step finds a host that was restarted, and runs the installer again.
            Set-Mark RestartedFor $Setup
            [Console]::Error.WriteLine("a prerequisite of $Setup wants a restart first: this host restarts, and the installer runs again")
            Set-StreamStartup Manual
            Request-Restart
            exit 1
        }
        [Console]::Error.WriteLine("installed is '$($installed.DisplayVersion)', $Setup holds $wanted")
        exit 1
    }
    Remove-Mark RestartedFor
    Set-Mark $Mark $Version
    Set-Mark ($Mark + 'As') $installed.DisplayVersion
    $restart
}

function Install-Console([string] $Media, [string] $Version, [string] $Mark) {
    Install-Product (Get-Setup $Media $Version 'Console\PVS_Console_x64.exe') $Version $ConsoleProduct $Mark
}

function Install-Server([string] $Media, [string] $Version) {
    $restart = Install-Product (Get-Setup $Media $Version 'Server\PVS_Server_x64.exe') $Version $ServerProduct Installed
    # An installation that nobody watches may leave out the driver that the Stream Service needs.
    $driver = Join-Path (Get-ServerFolder) 'drivers\CFsDep2.inf'
    if ((Test-Path $driver) -and -not (Test-Path 'HKLM:\SYSTEM\CurrentControlSet\Services\CFsDep2')) {
        Start-Process rundll32.exe -ArgumentList "setupapi,InstallHinfSection DefaultInstall 128 $driver" -Wait
    }
    $restart
}

# What an earlier installer asked for still stands. A mark of 0 says that one has run and asked for nothing.
function Set-RestartMark([bool] $Asked) {
    if ($Asked) { Set-Mark Restart (Get-Moment) }
    elseif ($null -eq (Get-Mark Restart)) { Set-Mark Restart '0' }
}
