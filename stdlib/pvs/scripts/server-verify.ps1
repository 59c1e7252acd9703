$until = (Get-Date).AddMinutes(10)
$up = $false
do {
    $soap = Test-NetConnection localhost -Port 54321 -InformationLevel Quiet -WarningAction SilentlyContinue
    $stream = (Get-Service StreamService).Status -eq 'Running'
    if ($soap -and $stream) {
        # "Running" is not health: the farm itself must count the server as up (1).
        try {
            Connect-Farm
            $up = (Get-PvsServerStatus -ServerName $On.name).Status -eq 1
            $is = Get-PvsVersion
        } catch { $said = $_.Exception.Message }
    }
    if ($up) { break }
    Start-Sleep -Seconds 5
} while ((Get-Date) -lt $until)
if (-not $up) { [Console]::Error.WriteLine("SOAP port open: $soap; Stream Service running: $stream; counted as up: $up $said"); exit 1 }
# What the product says of itself belongs into the log of the run; what it complained about is looked at by a person.
"software $($is.MapiVersion), database $($is.DbVersion)"
$asked = @{ LogName = 'Application'; ProviderName = 'StreamService', 'StreamProcess'; Id = 11, 101, 107; StartTime = (Get-Date).AddMinutes(-15) }
try { Get-WinEvent -FilterHashtable $asked | ForEach-Object { "event $($_.Id): $($_.Message)" } } catch { 'no event of the Stream Service that tells of trouble' }
