$connection = Open-Database $On.instance $On.name
$wrong = @(Get-DatabaseFault $connection $On.name)
if ((Get-ServerRelease $connection) -lt 13) { $wrong += 'SQL Server is older than 2016, which no release supports' }
$connection.Close()
Write-Verdict $wrong 'answers, and may be changed'
