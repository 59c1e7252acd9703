$asked = Get-Mark Restart
if ($null -eq $asked) { exit 0 }
# The installer has run and asked for nothing.
if ($asked -eq '0') { Remove-Mark Restart; exit 0 }
# The restart ends this script too; it is then started again, and finds a host that has been restarted.
if (Test-RestartedSince $asked) {
    Get-KnownService StreamService | Set-Service -StartupType Automatic
    Remove-Mark Restart
    exit 0
}
# New software must not stream from an old database: the service stays down when the host comes up.
Get-KnownService StreamService | Set-Service -StartupType Manual
Restart-ThisHost
