$log = Get-LogFile ('{0}-{1}.log' -f (Split-Path $With.setup -Leaf), $With.version)
if ($With.setup -like '*.msi') {
    $restart = Invoke-Installer 'msiexec.exe' "/i `"$($With.setup)`" /qn /norestart REBOOT=ReallySuppress /L*v `"$log`"" $log
} else {
    $restart = Install-Setup $With.setup $log
}
# A prerequisite that wants a restart ends an installer before the product itself is installed.
$installed = Get-Product $On.display | Select-Object -First 1
if (-not $installed -or (Get-PlainVersion $installed.DisplayVersion) -ne (Get-PlainVersion $With.version)) { throw "installed is '$($installed.DisplayVersion)', not $($With.version); where the installer wants a restart (it does: $restart), restart the host and try again" }
if ($restart) { exit 3010 }
