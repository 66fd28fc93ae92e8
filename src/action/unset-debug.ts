// simple-git reads DEBUG when it is loaded, and then logs git's environment, which contains the GitHub token, directly
// to standard error, where nothing masks it. Some jobs set DEBUG, so this module must be imported first.
delete process.env['DEBUG'];
