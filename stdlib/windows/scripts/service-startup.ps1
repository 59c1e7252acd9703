Set-Service $On.service -StartupType $With.startup
