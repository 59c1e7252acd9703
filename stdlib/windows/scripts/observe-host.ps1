@{ restart = if (Test-PendingRestart) { 'due' } else { 'done' } } | ConvertTo-Json
