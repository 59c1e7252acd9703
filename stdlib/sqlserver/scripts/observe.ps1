$connection = Open-Database $On.instance $On.name
$seen = @{}
$schema = Get-Schema $connection
if ($schema) { $seen.schema = [string]$schema }
$connection.Close()
$seen | ConvertTo-Json
