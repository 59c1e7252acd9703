Connect-Farm
$until = (Get-Date).AddMinutes(10)
do {
    $left = @(Get-PvsDeviceInfo -ServerName $On.name)
    if ($left.Count -eq 0) {
        # How many there are elsewhere is told, not demanded: target devices also shut down by themselves.
        try { "target devices elsewhere: $((Get-PvsServer | ForEach-Object { (Get-PvsServerStatus -ServerName $_.ServerName).DeviceCount } | Measure-Object -Sum).Sum)" } catch { }
        exit 0
    }
    Start-Sleep -Seconds 10
} while ((Get-Date) -lt $until)
[Console]::Error.WriteLine("$($left.Count) target devices did not fail over: " + (($left | Select-Object -First 10).DeviceName -join ', '))
exit 1
