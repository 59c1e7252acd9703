$server = Remove-Product $ServerProduct
$console = Remove-Product $ConsoleProduct
$asked = $server -or $console
Set-Mark Configured '0'
Set-RestartMark $asked
if ($asked) { exit 3010 }
