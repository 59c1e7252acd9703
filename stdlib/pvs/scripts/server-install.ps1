$console = Install-Console $With.media $With.version ServerConsole
$server = Install-Server $With.media $With.version
$asked = $console -or $server
Remove-Mark Restart
Set-RestartMark $asked
if ($asked) { exit 3010 }
