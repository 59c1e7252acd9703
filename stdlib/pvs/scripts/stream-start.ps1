# A service that an administrator starts by hand or not at all stays as it is, but for the Stream Service.
$automatic = @(Get-KnownService $StartedServices | Where-Object { $_.Name -eq 'StreamService' -or $_.StartType -eq 'Automatic' })
Start-KnownService $automatic.Name
if ((Get-Service StreamService -ErrorAction SilentlyContinue).Status -ne 'Running') { throw 'the Stream Service is not there, or is disabled' }
