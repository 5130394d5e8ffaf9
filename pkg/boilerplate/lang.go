package boilerplate

// DetectLanguage returns the ISO 639-1 code of the text's language, or "und".
func DetectLanguage(text string) string { return "und" }
