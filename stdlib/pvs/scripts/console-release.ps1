Remove-Mark ConsolesClosed
