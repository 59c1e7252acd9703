$file = Join-Path $With.directory ('{0}-{1:yyyyMMdd-HHmmss}.bak' -f $On.name, (Get-Date))
Backup-Database $On.instance $On.name $file
@{ file = $file } | ConvertTo-Json
