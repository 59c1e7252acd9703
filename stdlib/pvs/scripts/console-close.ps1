Set-Mark ConsolesClosed 1
Stop-Program 'mmc.exe' $ConsoleProgram
