$wrong = Get-ServerFault $With.media $With.version $With.from $With.fails_over
if (-not $wrong) { Set-Mark Ready $With.version }
Write-Verdict $wrong "ready for $($With.version)"
