Write-Verdict (Get-ServerFault $With.media $With.version $With.from $With.fails_over) "ready for $($With.version)"
