$service = Get-Service $On.service
@{
    status  = if ($service.Status -eq 'Running') { 'running' } else { 'stopped' }
    startup = ([string]$service.StartType).ToLowerInvariant()
} | ConvertTo-Json
