$connection = Open-Database $On.instance $On.name
$wrong = @(Get-DatabaseFault $connection $On.name)
$connection.Close()
Write-Verdict $wrong 'answers, may be backed up, changed and restored'
