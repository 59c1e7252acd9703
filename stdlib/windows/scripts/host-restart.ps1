# The restart ends this script too; it is then started again, and finds the mark and a host that was restarted after it.
$asked = Get-Mark HostRestart
if ($asked -and (Test-RestartedSince $asked)) { Remove-Mark HostRestart; exit 0 }
if (-not $asked) { Set-Mark HostRestart (Get-Moment) }
Restart-ThisHost
