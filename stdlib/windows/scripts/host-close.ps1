Stop-Program $With.program $With.matching
