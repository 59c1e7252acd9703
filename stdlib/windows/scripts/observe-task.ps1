$task = Get-ScheduledTask -TaskPath $On.folder -TaskName $On.task
@{ runs = if ($task.State -eq 'Disabled') { 'never' } else { 'when-due' } } | ConvertTo-Json
