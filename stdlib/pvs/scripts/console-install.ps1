if (Install-Console $With.media $With.version Console) { exit 3010 }
