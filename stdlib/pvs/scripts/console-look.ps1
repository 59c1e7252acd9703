$open = @(Get-Program 'mmc.exe' $ConsoleProgram)
if ($open) { [Console]::Error.WriteLine("$($open.Count) consoles are open; the upgrade will close them"); exit 1 }
'no console is open'
