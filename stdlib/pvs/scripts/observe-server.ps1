$service = Get-Service StreamService -ErrorAction SilentlyContinue
$seen = @{
    stream  = if ($service -and $service.Status -eq 'Running') { 'running' } else { 'stopped' }
    version = Get-InstalledVersion $ServerProduct Installed
    ready   = if (Get-Mark Ready) { Get-Mark Ready } else { '0' }
    restart = if ($null -ne (Get-Mark Restart)) { 'due' } else { 'done' }
}
if (Get-Mark Configured) { $seen.configured = Get-Mark Configured }
$seen | ConvertTo-Json
