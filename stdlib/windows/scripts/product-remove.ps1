if (Remove-Product $On.display) { exit 3010 }
