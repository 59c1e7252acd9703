Connect-Farm
"$(Invoke-PvsRebalanceDevices -Name $On.name) target devices were moved"
