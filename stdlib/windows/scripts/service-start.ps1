Start-KnownService $On.service
if ((Get-Service $On.service).Status -ne 'Running') { throw "$($On.service) does not run" }
