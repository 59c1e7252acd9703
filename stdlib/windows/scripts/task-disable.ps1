Disable-ScheduledTask -TaskPath $On.folder -TaskName $On.task | Out-Null
# One that runs now goes on to its end.
$until = (Get-Date).AddMinutes(25)
while ((Get-ScheduledTask -TaskPath $On.folder -TaskName $On.task).State -eq 'Running' -and (Get-Date) -lt $until) { Start-Sleep -Seconds 5 }
if ((Get-ScheduledTask -TaskPath $On.folder -TaskName $On.task).State -eq 'Running') { throw "$($On.task) still runs" }
