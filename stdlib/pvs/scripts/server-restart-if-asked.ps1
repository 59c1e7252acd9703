$asked = Get-Mark Restart
if ($null -eq $asked) { exit 0 }
# The installer has run and asked for nothing.
if ($asked -eq '0') { Remove-Mark Restart; exit 0 }
# The restart ends this script too; it is then started again, and finds a host that has been restarted.
if (Test-RestartedSince $asked) {
    Set-StreamStartup Automatic
    Remove-Mark Restart
    exit 0
}
# New software must not stream from an old database: the service stays down when the host comes up.
Set-StreamStartup Manual
Restart-ThisHost
