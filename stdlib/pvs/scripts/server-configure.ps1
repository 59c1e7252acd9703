Invoke-Wizard
Set-Mark Configured $With.version
