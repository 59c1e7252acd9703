Connect-Farm
$began = Get-PvsDeviceInfo -DeviceName $On.name
if ($began.Active) { [void](Start-PvsDeviceReboot -DeviceName $On.name -Message 'This machine restarts to test a provisioning server.') }
else { [void](Start-PvsDeviceBoot -DeviceName $On.name) }
# Active, and from this server, after it was seen away: a device that never went down proves nothing.
$away = -not $began.Active
$until = (Get-Date).AddMinutes(15)
do {
    Start-Sleep -Seconds 5
    $is = Get-PvsDeviceInfo -DeviceName $On.name
    if (-not $is.Active) { $away = $true }
    elseif ($away -and $is.ServerName -eq $With.server.name) { "$($On.name) streams from $($is.ServerName)"; exit 0 }
} while ((Get-Date) -lt $until)
[Console]::Error.WriteLine("seen away: $away; active: $($is.Active); streams from '$($is.ServerName)'")
exit 1
