Enable-ScheduledTask -TaskPath $On.folder -TaskName $On.task | Out-Null
