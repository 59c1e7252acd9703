if (Remove-Product $ConsoleProduct) { exit 3010 }
