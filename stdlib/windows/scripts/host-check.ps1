Write-Verdict (Get-HostFault $With.gigabytes) 'nothing is in the way'
