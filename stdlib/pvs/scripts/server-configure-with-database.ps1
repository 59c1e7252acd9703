$connection = Open-Database $With.database.instance $With.database.name
Set-Schema $connection '0'
Invoke-Wizard
Set-Schema $connection $With.version
$connection.Close()
Set-Mark Configured $With.version
