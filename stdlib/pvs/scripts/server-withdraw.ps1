Set-Mark Configured $With.version
