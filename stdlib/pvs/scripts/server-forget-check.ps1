Set-Mark Ready $With.version
