if ($With.restart -eq 'due') { Set-RestartMark $false } else { Remove-Mark Restart }
