# What the scripts of this module know of Citrix Provisioning.
$ServerProduct = '^Citrix Provisioning (Server|Services x64)'
$ConsoleProduct = '^Citrix Provisioning (Services )?Console'
# BNBOOTP is not among those that are started: it ends by itself where nobody uses it.
$StartedServices = 'StreamService', 'BNPXE', 'PVSTSB', 'soapserver', 'PVSAPI', 'BNTFTP', 'Ramdisk Server'
$Services = $StartedServices + 'BNBOOTP'

# The console as the command line of mmc.exe tells it, which is inferred: how the vendor starts it is not published.
$ConsoleProgram = 'Provisioning|Console\.msc'

function Get-ServerFolder { (Get-ItemProperty 'HKLM:\SOFTWARE\Citrix\ProvisioningServer').TargetDir }

function Get-Setup([string] $Media, [string] $Version, [string] $Setup) { Join-Path (Join-Path $Media $Version) $Setup }

# The SDK comes with the console. Imported by its path it needs no registration, which is stale after an upgrade. A process that
# has loaded it keeps the console from being upgraded: each script is a process of its own, and ends.
function Connect-Farm {
    Import-Module (Join-Path (Get-ItemProperty 'HKLM:\SOFTWARE\Citrix\ProvisioningServices').ConsoleTargetDir 'Citrix.PVS.SnapIn.dll')
    [void](Set-PvsConnection -Server localhost)
}

# The number in DisplayVersion is not the one that the product is called by (2402). The mark tells which it is, as long as what
# is installed is still what it was left for; without it the number itself is the version.
function Get-InstalledVersion([string] $Pattern, [string] $Mark) {
    $product = Get-Product $Pattern | Select-Object -First 1
    if (-not $product) { '0' }
    elseif ((Get-Mark ($Mark + 'As')) -eq $product.DisplayVersion) { Get-Mark $Mark }
    else { $product.DisplayVersion }
}

# The answers of the Configuration Wizard that were recorded on this server.
function Get-AnswersFile { Join-Path $env:ProgramData 'Citrix\Provisioning Services\ConfigWizard.ans' }

# Whether the Stream Service starts with its host; nothing where it is not there.
function Set-StreamStartup([string] $Startup) { Get-KnownService StreamService | Set-Service -StartupType $Startup }
