# What is wrong with a server before it is upgraded: texts, none where all is well.
function Get-ServerFault([string] $Media, [string] $Version, [string] $From, [bool] $FailsOver) {
    Get-HostFault 5
    Get-MediaFault $Media $Version $From
    Get-AnswersFault
    Get-FarmFault $FailsOver
}

# The installers of both versions. That the new one is newer is seen in what it holds, not in its name.
function Get-MediaFault([string] $Media, [string] $Version, [string] $From) {
    foreach ($setup in 'Console\PVS_Console_x64.exe', 'Server\PVS_Server_x64.exe') {
        foreach ($wanted in $Version, $From) {
            $exe = Get-Setup $Media $wanted $setup
            if (-not (Test-Path -LiteralPath $exe)) { "$exe is not there, or this session may not read it" }
        }
        $pattern = if ($setup -like 'Console*') { $ConsoleProduct } else { $ServerProduct }
        $installed = Get-Product $pattern | Select-Object -First 1
        $exe = Get-Setup $Media $Version $setup
        if ($installed -and (Test-Path -LiteralPath $exe) -and (Get-SetupVersion $exe) -lt [version]$installed.DisplayVersion) {
            "$exe holds $(Get-SetupVersion $exe), installed is $($installed.DisplayVersion)"
        }
    }
}

function Get-AnswersFault {
    $answers = Get-AnswersFile
    if (-not (Test-Path -LiteralPath $answers)) { "$answers is not there: record it once with ConfigWizard.exe /s" }
    elseif (-not (Select-String -LiteralPath $answers -Pattern '^\s*FarmConfiguration\s*=' -Quiet)) { "$answers holds no answers of the Configuration Wizard" }
}

# What the farm itself says: who takes target devices over, where they find a server when they boot, and whether this session
# reaches what the Configuration Wizard will want. A server older than the database is told nothing (33, DatabaseVersionWrong):
# that is so in the middle of an upgrade.
function Get-FarmFault([bool] $FailsOver) {
    if ((Get-Service soapserver -ErrorAction SilentlyContinue).Status -ne 'Running') { 'not asked of the farm: the Soap Server of this server does not run' | Write-Note; return }
    try {
        Connect-Farm
        $farm = Get-PvsFarm
    } catch {
        if ($_.Exception.InnerException.returnCode -eq 33) { 'not asked of the farm: the database is newer than this server' | Write-Note; return }
        "the farm does not answer: $($_.Exception.Message)"
        return
    }
    Get-ReachFault $farm
    if (-not $FailsOver) { return }
    Get-BootFault
    Get-DiskFault
}

# Whoever logs on to this host by a ticket or NTLM has nothing to log on to the next one with (second hop): the wizard would end
# with 0 and have done nothing. The port of the licence server is no proof of its version, which this cannot see.
function Get-ReachFault($Farm) {
    $instance = $Farm.DatabaseServerName
    if ($Farm.DatabaseInstanceName) { $instance += '\' + $Farm.DatabaseInstanceName }
    try { (Open-Database $instance $Farm.DatabaseName).Close() }
    catch { "this session cannot log on to ${instance}: $($_.Exception.Message); a logon by ticket or NTLM is not passed on (second hop): allow delegation to it, or reach this server over ssh with a password" }
    $port = if ($Farm.LicenseServerPort) { $Farm.LicenseServerPort } else { 27000 }
    if (-not (Test-NetConnection $Farm.LicenseServer -Port $port -InformationLevel Quiet -WarningAction SilentlyContinue)) { "the licence server $($Farm.LicenseServer) does not answer on port $port" }
}

# A list with one login server: target devices that boot while it is down hang.
function Get-BootFault {
    $me = (Get-PvsLocalServer).ServerName
    if (@(Get-PvsServer).Count -lt 2) { return }
    foreach ($file in Get-PvsServerBootstrapName -ServerName $me) {
        $list = Get-PvsServerBootstrap -ServerName $me -Name $file.Name
        $used = @($list.Bootserver1_Ip, $list.Bootserver2_Ip, $list.Bootserver3_Ip, $list.Bootserver4_Ip | Where-Object { $_ -and $_ -ne '0.0.0.0' })
        if ($used.Count -lt 2) { "the bootstrap file $($file.Name) has only $($used.Count) login server" }
    }
}

# Target devices of such vDisks do not fail over. Which types of write cache do is inferred: private (0) and on the server (1, 7, 8).
function Get-DiskFault {
    $me = (Get-PvsLocalServer).ServerName
    # The only server of its site: a person shuts its target devices down.
    if (@(Get-PvsServer -SiteName (Get-PvsLocalServer).SiteName).Count -lt 2) { return }
    foreach ($devices in Get-PvsDeviceInfo -ServerName $me | Group-Object DiskLocatorId) {
        $disk = Get-PvsDiskInfo -DiskLocatorId $devices.Name
        if ($disk.ServerName) { "the vDisk $($disk.DiskLocatorName) is served by $($disk.ServerName) alone" }
        if ($disk.WriteCacheType -in 0, 1, 7, 8) { "$($devices.Count) target devices of the vDisk $($disk.DiskLocatorName) do not fail over (write cache type $($disk.WriteCacheType)): shut them down" }
    }
}

# To be read in the log of the run; it is no fault.
function Write-Note { process { [Console]::Error.WriteLine("note: $_") } }
