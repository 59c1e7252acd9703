$product = Get-Product $On.display | Select-Object -First 1
@{ version = if ($product) { $product.DisplayVersion } else { '0' } } | ConvertTo-Json
