$master = Open-Database $On.instance 'master'
Test-Backup $master $On.name $With.file
$master.Close()
